  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32)
    (if ;; label = @1
      (local.tee 5
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
                    (i32.add
                      (local.get $frame)
                      (i32.const 384)))
                  (i32.const 0)))
              (else
                (i32.const 0)))
            (then
              (local.set 5
                (call $tag
                  (i32.add
                    (i32.add
                      (i32.load offset=132
                        (local.get $frame))
                      (local.get $frame))
                    (i32.const 40))
                  (i32.const 24)
                  (i32.add
                    (local.get $frame)
                    (i32.const 384))))
              (if ;; label = @3
                (i32.eqz
                  (local.tee 4
                    (call $directory
                      (local.get $frame)
                      (i64.load
                        (local.get 5))
                      (i64.load offset=8
                        (local.get 5)))))
                (then
                  (br 2 (;@1;)
                    (i32.const 65792))))
              (local.set 2
                (i32.add
                  (local.get 4)
                  (i32.const 112)))
              (local.set 3
                (i32.add
                  (local.get $frame)
                  (i32.const 40)))
              (i64.eqz
                (i64.or
                  (i64.xor
                    (i64.load
                      (local.get 2))
                    (i64.load
                      (local.get 3)))
                  (i64.xor
                    (i64.load offset=8
                      (local.get 2))
                    (i64.load offset=8
                      (local.get 3))))))
            (else
              (i32.const 0)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 5))))
  )
