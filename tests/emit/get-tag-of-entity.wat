  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32)
    (if ;; label = @1
      (local.tee 3
        (block (result i32) ;; label = @1
          (if (result i32) ;; label = @2
            (if (result i32) ;; label = @2
              (i32.ne
                (i32.load offset=132
                  (local.get $frame))
                (i32.const 0))
              (then
                (i32.ne
                  (call $tag
                    (i32.add
                      (select
                        (i32.add
                          (local.tee 2
                            (i32.load offset=132
                              (local.get $frame)))
                          (local.get $frame))
                        (i32.const 0)
                        (local.get 2))
                      (i32.const 40))
                    (i32.const 24)
                    (i32.const 1024))
                  (i32.const 0)))
              (else
                (i32.const 0)))
            (then
              (local.set 3
                (call $tag
                  (i32.add
                    (i32.add
                      (i32.load offset=132
                        (local.get $frame))
                      (local.get $frame))
                    (i32.const 40))
                  (i32.const 24)
                  (i32.const 1024)))
              (if ;; label = @3
                (i32.eqz
                  (local.tee 2
                    (call $directory
                      (local.get $frame)
                      (i64.load
                        (local.get 3))
                      (i64.load offset=8
                        (local.get 3)))))
                (then
                  (br 2 (;@1;)
                    (i32.const 65792))))
              (i32.load8_u offset=256
                (local.get 2)))
            (else
              (i32.const 0)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 3))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\04\00\00\00\08\00\00\00\00\00\00\00lead\00\00\00\00")
