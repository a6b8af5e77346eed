  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32)
    (if ;; label = @1
      (local.tee 3
        (block (result i32) ;; label = @1
          (if (result i32) ;; label = @2
            (i32.load8_u offset=448
              (local.get $frame))
            (then
              (call $same_string
                (i32.add
                  (local.get $frame)
                  (i32.const 376))
                (if ;; label = @3
                  (i32.eqz
                    (local.tee 2
                      (i32.load offset=128
                        (local.get $frame))))
                  (then
                    (br 2 (;@1;)
                      (i32.const 65792))))
                (i32.add
                  (i32.add
                    (local.get 2)
                    (local.get $frame))
                  (i32.const 200))))
            (else
              (if ;; label = @3
                (i32.eqz
                  (local.tee 3
                    (i32.load offset=128
                      (local.get $frame))))
                (then
                  (br 2 (;@1;)
                    (i32.const 65792))))
              (if (result i32) ;; label = @3
                (i32.eq
                  (i32.load offset=4
                    (local.tee 2
                      (i32.add
                        (i32.add
                          (local.get 3)
                          (local.get $frame))
                        (i32.const 200))))
                  (i32.const 5))
                (then
                  (local.set 2
                    (i32.add
                      (local.get 2)
                      (i32.load
                        (local.get 2))))
                  (i64.eqz
                    (i64.xor
                      (i64.load
                        (local.get 2))
                      (i64.const 491327616111))))
                (else
                  (i32.const 0)))))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 3))))
  )
